#!/usr/bin/env bash
# A throw-away PostgreSQL for tests and measures. It listens on a Unix socket
# only, in a directory nobody else may enter, so it needs no password and no
# free port.
#
#   scripts/pg.sh bin             print the directory with initdb and pg_ctl
#   scripts/pg.sh start DIR       make and start a cluster in DIR (absent or empty)
#   scripts/pg.sh dsn DIR         print how to reach it
#   scripts/pg.sh stop DIR        stop it and remove DIR
#
# PG_FSYNC=on keeps what is committed when the machine stops (measures of
# durable writes need it); the default for tests is off.
set -euo pipefail

die() { echo "pg.sh: $*" >&2; exit 1; }

# Newest version first; the distribution keeps its programs off the PATH.
bin() {
	local dir
	for dir in "${PG_BIN:-}" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn) \
		"$(dirname "$(readlink -f "$(command -v pg_ctl 2>/dev/null || echo /none/none)")")"; do
		if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
			echo "$dir"
			return
		fi
	done
	return 1
}

# PostgreSQL refuses to run as root.
owner() {
	if [ "$(id -u)" != 0 ]; then id -un
	elif id postgres >/dev/null 2>&1; then echo postgres
	else echo nobody
	fi
}

as_owner() {
	if [ "$(id -u)" = 0 ]; then runuser -u "$(owner)" -- "$@"; else "$@"; fi
}

dsn() { echo "host=$1 port=5432 user=causeway dbname=causeway sslmode=disable"; }

start() {
	local dir=$1 pg fsync=${PG_FSYNC:-off}
	pg=$(bin) || die "no PostgreSQL found (initdb, pg_ctl); on Debian: apt-get install postgresql"
	[ "${#dir}" -le 80 ] || die "the path of the socket would be too long: $dir"
	mkdir -p "$dir"
	[ -z "$(ls -A "$dir")" ] || die "$dir is not empty"
	chmod 700 "$dir"
	[ "$(id -u)" != 0 ] || chown "$(owner)" "$dir"
	cd / # the owner may not enter the caller's directory
	as_owner "$pg/initdb" -D "$dir/data" -U causeway -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
		{ cat "$dir/initdb.log" >&2; die "initdb failed"; }
	# Tests open many small pools at once; parallel workers would only slow two cores.
	as_owner tee -a "$dir/data/postgresql.conf" >/dev/null <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$dir'
		port = 5432
		max_connections = 400
		shared_buffers = 128MB
		dynamic_shared_memory_type = mmap
		max_parallel_workers_per_gather = 0
		fsync = $fsync
		full_page_writes = $fsync
		synchronous_commit = $fsync
		log_min_messages = warning
	CONF
	as_owner "$pg/pg_ctl" -D "$dir/data" -l "$dir/log" -s -w -t 60 start </dev/null >/dev/null ||
		{ cat "$dir/log" >&2; die "the server did not start"; }
	as_owner "$pg/psql" -h "$dir" -U causeway -d postgres -qXc 'CREATE DATABASE causeway' ||
		die "the database could not be made"
	dsn "$dir"
}

stop() {
	local dir=$1 pg
	[ -f "$dir/data/PG_VERSION" ] || return 0
	pg=$(bin) || die "no PostgreSQL found"
	cd /
	as_owner "$pg/pg_ctl" -D "$dir/data" -s -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}

case "${1:-}" in
bin) bin ;;
start | dsn | stop)
	[ $# = 2 ] || die "usage: pg.sh $1 DIR"
	case $2 in /*) ;; *) die "DIR must be an absolute path" ;; esac
	"$1" "$2"
	;;
*) die "usage: pg.sh bin | start DIR | dsn DIR | stop DIR" ;;
esac
