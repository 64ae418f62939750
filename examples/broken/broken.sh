#!/bin/sh
# Shell suites that do not pass, each in its own way. lamex's own tests run them.

echo "TAP version 13"
echo "1..3"
echo "ok 1 - the first check"
case ${1-} in
fails)
	echo "not ok 2 - the second check"
	echo "# one is not two"
	echo "ok 3 - the third check"
	exit 1
	;;
lies) # fails, and exits with 0 all the same
	echo "not ok 2 - the second check"
	echo "ok 3 - the third check"
	;;
stops) # exits with 0 in the middle
	;;
bails-out)
	echo "Bail out! the database is gone"
	;;
leaves-work) # exits with 0 while a check goes on in the background
	sleep 600 &
	;;
*)
	echo "usage: $0 fails | lies | stops | bails-out | leaves-work" >&2
	exit 2
	;;
esac
