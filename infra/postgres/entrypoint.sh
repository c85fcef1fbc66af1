# Makes the cluster at the first start, with one owner and one database named after it; then becomes the server.
# POSTGRES_USER, POSTGRES_PASSWORD: who owns the database.
set -eu
user="${POSTGRES_USER:-rasid}"
if [ ! -f /data/db/PG_VERSION ]; then
  umask 077
  printf '%s' "${POSTGRES_PASSWORD:?say which password the database has}" > /data/password
  initdb -D /data/db -U "$user" --pwfile=/data/password --auth-local=peer --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 > /dev/null
  rm /data/password
  echo 'host all all all scram-sha-256' >> /data/db/pg_hba.conf
  echo "local all $user trust" | cat - /data/db/pg_hba.conf > /data/hba && mv /data/hba /data/db/pg_hba.conf
  postgres --single -D /data/db postgres > /dev/null <<SQL
CREATE DATABASE "$user"
SQL
fi
exec postgres -D /data/db -c listen_addresses='*' -c unix_socket_directories=/tmp
