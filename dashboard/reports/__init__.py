"""Papers for court: the cover sheet and the custody report of a case file, as PDF in Chinese and English."""
