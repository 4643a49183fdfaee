#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A sample of kill_campaign.py for the root; the whole of it takes some ten minutes on two cores.
exec "$SOURCE_DIR/tests/fault/kill_campaign.py" --every 17 --offset 6
