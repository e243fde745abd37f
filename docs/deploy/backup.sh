#!/bin/sh
# backup.sh HOME TARGET: a whole copy of the service's data. Questions are answered meanwhile; reports that come in wait until it is done.
set -eu
umask 077
home=$1 target=$2

exec 9<"$home/library.lock"  # held by whoever changes the library
flock 9
mkdir -p "$target"
for database in library records; do
    sqlite3 "$home/$database.sqlite" ".backup '$target/$database.sqlite'"
done
tar -C "$home" --exclude='./*.sqlite*' --exclude='./*.lock' --exclude=./.cache -c . | tar -C "$target" -x
