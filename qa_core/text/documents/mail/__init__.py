"""E-mails, and the calendars and contacts that come with them."""
