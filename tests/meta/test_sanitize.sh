#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit tests under the sanitizers; scripts/dev/sanitize runs more of them, and valgrind.
exec "$SOURCE_DIR/scripts/dev/sanitize" --short
