#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A sample of pkcs11_campaign.py: every 37th call, the ways of failing taken in turn.
exec "$SOURCE_DIR/tests/fault/pkcs11_campaign.py" --every 37 --offset 9
