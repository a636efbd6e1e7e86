"""SpanLoop's reader where other libraries' readers were used."""
