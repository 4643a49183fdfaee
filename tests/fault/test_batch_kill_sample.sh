#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A sample of batch_kill_campaign.py: all three forms of output.
for form in 0 1 2; do
    "$SOURCE_DIR/tests/fault/batch_kill_campaign.py" --kills 4 --count 700 --seed $((form + 7)) --form "$form" || exit 1
done
