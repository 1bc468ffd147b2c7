#!/bin/sh
# Run once by the database's image on an empty volume. vantrexia owns the tables and runs migrate; the product is
# vantrexia_app, which manage.py secure_database gives its rights. Neither is a superuser.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" -v app="$POSTGRES_APP_PASSWORD" --username postgres <<'SQL'
CREATE ROLE vantrexia LOGIN PASSWORD :'password';
CREATE ROLE vantrexia_app LOGIN PASSWORD :'app';
CREATE DATABASE vantrexia OWNER vantrexia;
SQL
