#!/bin/sh
# web: the application server. worker: the journey, the sweeps. migrate: once per release, before the other two.
set -eu
case "${1:-web}" in
    web)
        # granian would start a worker that refuses again and again
        python manage.py check_keys
        exec granian vantrexia.wsgi:application --interface wsgi --no-ws --host 0.0.0.0 --port 8000 \
            --workers "${WEB_WORKERS:-2}" --blocking-threads "${WEB_THREADS:-8}" \
            --workers-lifetime 6h --respawn-failed-workers --log-level warning
        ;;
    worker)
        exec python manage.py run_worker
        ;;
    migrate)
        python manage.py check --deploy --fail-level ERROR
        python manage.py migrate --noinput
        exec python manage.py secure_database
        ;;
    *)
        exec python manage.py "$@"
        ;;
esac
