"""Albanian, which the bot understands and does not answer in."""

code = "sq"
function_words = frozenset(
    [
        "une",
        "ne",
        "dua",
        "te",
        "takim",
        "per",
        "dhe",
        "eshte",
        "jane",
        "pershendetje",
        "faleminderit",
        "regjistrohem",
        "me",
        "nje",
        "ju",
        "lutem",
        "kush",
        "kur",
        "ku",
        "cili",
        "cilat",
        "cila",
        "sa",
        "si",
        "cfare",
        "pse",
        "nga",
        "e",
        "i",
        "jam",
        "jemi",
        "u",
        "do",
        "doja",
        "duam",
        "qe",
        "kjo",
        "ky",
        "dy",
        "tre",
        "persona",
        "vete",
        "apo",
        "pjese",
        "qytet",
        "qytete",
        "qytetet",
        "qyteteve",
        "takimi",
        "takimin",
        "takimet",
        "shoqata",
        "kontakt",
        "kontaktin",
        "mund",
        "ka",
        "kane",
        "shume",
        "mire",
        "dita",
        "regjistrim",
        "regjistroni",
        "lutemi",
        "je",
        "ti",
        "jeni",
        "flas",
        "njeri",
        "po",
    ]
)
letters = frozenset("ë")
weekday_names = {
    "hene": 0, "merkure": 2, "enjte": 3, "premte": 4, "shtune": 5,
}  # fmt: skip
month_names = {
    "janar": 1, "shkurt": 2, "prill": 4,
}  # fmt: skip
number_words = {
    "dy": 2, "kater": 4,
}  # fmt: skip
yes = frozenset(["po"])
no = frozenset(["jo"])
denials = frozenset(["jo"])
no_refusals: frozenset[str] = frozenset()
