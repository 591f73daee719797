"""Romanian, which the bot understands and does not answer in."""

code = "ro"
function_words = frozenset(
    [
        "eu",
        "noi",
        "vreau",
        "sa",
        "la",
        "intalnire",
        "pentru",
        "si",
        "este",
        "sunt",
        "buna",
        "ziua",
        "multumesc",
        "inscriu",
        "ma",
        "cu",
        "o",
        "un",
        "ce",
        "care",
        "cine",
        "cand",
        "unde",
        "cum",
        "cat",
        "cata",
        "cati",
        "cate",
        "din",
        "in",
        "de",
        "pe",
        "nu",
        "am",
        "are",
        "avem",
        "suntem",
        "fost",
        "fac",
        "face",
        "sau",
        "despre",
        "orase",
        "oras",
        "tari",
        "an",
        "ani",
        "doamna",
        "rog",
        "vrem",
        "dori",
        "particip",
        "intalnirea",
        "intalnirile",
        "persoane",
        "doua",
        "noastra",
        "nostru",
        "asociatia",
        "mai",
        "ar",
        "as",
        "fi",
        "prin",
        "intre",
        "numele",
        "numesc",
        "esti",
        "sunteti",
        "vorbesc",
        "om",
        "imi",
        "persoana",
    ]
)
letters = frozenset("âîăşţșț")
weekday_names = {
    "luni": 0, "marti": 1, "miercuri": 2, "joi": 3, "vineri": 4,
}  # fmt: skip
month_names = {
    "ianuarie": 1, "februarie": 2, "martie": 3, "aprilie": 4,
}  # fmt: skip
number_words = {
    "doi": 2, "doua": 2, "trei": 3, "patru": 4, "cinci": 5,
}  # fmt: skip
yes: frozenset[str] = frozenset()
no = frozenset(["nu"])
denials = frozenset(["nu"])
no_refusals: frozenset[str] = frozenset()
