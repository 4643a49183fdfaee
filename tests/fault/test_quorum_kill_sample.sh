#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A sample of quorum_kill_campaign.py, which kills at every flush.
exec "$SOURCE_DIR/tests/fault/quorum_kill_campaign.py" --every 71 --offset 20
