"""The real Argilla server on this machine, without Docker, Elasticsearch or Redis.

`environment` installs it in an environment of its own, `server` starts and stops it. What is in
`inside` runs in that environment: it puts a search engine over Argilla's own database in the place
of Elasticsearch, and a queue in the server's process in that of Redis.
"""
