#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over what handles secrets, tokens and evidence; cppcheck over everything. All folders take too long for
# every run of the tests: scripts/dev/analyse does them (docs/TESTING.md).
exec "$SOURCE_DIR/scripts/dev/analyse" shamir transcripts p11 ceremony/base
