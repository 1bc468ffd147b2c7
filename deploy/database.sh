#!/bin/sh
# Run once by the database's image on an empty volume. The product's role is no superuser: row-level security binds it.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" --username postgres <<'SQL'
CREATE ROLE vantrexia LOGIN PASSWORD :'password';
CREATE DATABASE vantrexia OWNER vantrexia;
SQL
