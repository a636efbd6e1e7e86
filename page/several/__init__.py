"""Several files on the page, asked as one."""
