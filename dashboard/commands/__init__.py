"""The commands of the command line: each module holds one command's arguments and its ``run``."""
