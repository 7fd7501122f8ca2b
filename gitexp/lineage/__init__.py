"""Where data and models come from, and what they led to: by the md5 of pointers alone."""
