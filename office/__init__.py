"""What staff do, each a function inside a transaction: pages, commands and chats call the same ones.

Nothing is printed here.
"""
