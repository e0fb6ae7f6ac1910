"""Reading: bytes of some file into a `Table`, or into a stream of its rows, with the dialect that it is written in.

``encoding`` finds the character encoding, ``sniffing`` the delimiter and quotes, ``records`` splits text into records
even where its quotes are broken, ``layout`` finds the table among preambles, footers and further tables, and
``reader`` puts them together.
"""
