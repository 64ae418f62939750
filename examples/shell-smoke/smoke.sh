#!/bin/sh
# A smoke suite that prints TAP: what must hold before any other suite makes sense.
# `smoke.sh --wipe` stands for a suite that destroys data.

count=0
failed=0

# check DESCRIPTION COMMAND...: the command's success is the test's.
check() {
	description=$1
	shift
	count=$((count + 1))
	if diagnostics=$("$@" 2>&1); then
		echo "ok $count - $description"
	else
		failed=$((failed + 1))
		echo "not ok $count - $description"
		printf '%s\n' "$diagnostics" | sed 's/^/# /'
	fi
}

# skip DESCRIPTION REASON
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

scratch_is_writable() {
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/smoke.XXXXXX") &&
		echo kept >"$scratch/file" &&
		[ "$(cat "$scratch/file")" = kept ] &&
		rm -r "$scratch"
}

clock_is_set() {
	[ "$(date -u +%Y)" -ge 2025 ]
}

runtime_api_is_hidden() {
	[ -z "${AWS_LAMBDA_RUNTIME_API-}" ]
}

orders_service_is_healthy() {
	curl --silent --show-error --fail --max-time 10 "http://$ORDERS_HTTP_ADDR/healthz"
}

wiped_folder_is_empty() {
	[ -z "$(ls -A "$1")" ]
}

echo "TAP version 13"
if [ "${1-}" = --wipe ]; then
	data=$(mktemp -d "${TMPDIR:-/tmp}/data.XXXXXX")
	echo precious >"$data/rows"
	rm "$data/rows"
	check "every row is gone" wiped_folder_is_empty "$data"
	rmdir "$data"
else
	check "the scratch folder is writable" scratch_is_writable
	check "the clock is set" clock_is_set
	check "the Runtime API's address is withheld" runtime_api_is_hidden
	if [ -n "${ORDERS_HTTP_ADDR-}" ]; then
		check "the orders service is healthy" orders_service_is_healthy
	else
		skip "the orders service is healthy" "ORDERS_HTTP_ADDR is not set"
	fi
fi
echo "1..$count"
[ "$failed" -eq 0 ]
