"""The bytes of a mail to the words of a person."""
