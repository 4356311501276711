#!/bin/sh
# A trainer that is a shell script: train.sh DIR. Its state is one line.
epoch=0 weight=0
if [ -f "$1/latest" ]; then read -r epoch weight < "$1/latest" || exit 3; fi
while [ "$epoch" -lt 5 ]; do
    epoch=$((epoch + 1)) weight=$((weight + epoch * epoch))
    echo "$epoch $weight" > "$1/tmp" && sync "$1/tmp" && mv "$1/tmp" "$1/latest" && sync "$1" || exit 1
done
