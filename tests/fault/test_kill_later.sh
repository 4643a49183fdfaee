#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A few kills of each later ceremony that has steps of its own; kill_campaign.py --rehearsal NAME kills at every
# flush.
set -eu
for name in subordinate-sign subordinate-import destroy-key; do
    "$SOURCE_DIR/tests/fault/kill_campaign.py" --rehearsal "$name" --every 23 --offset 11
done
for name in rollover cross-certificate; do
    "$SOURCE_DIR/tests/fault/kill_campaign.py" --rehearsal "$name" --every 61 --offset 30
done
