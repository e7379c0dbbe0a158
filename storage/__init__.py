"""The vault: originals and records written once, derivatives beside them, and the checks over both."""
