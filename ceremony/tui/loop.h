/* SPDX-License-Identifier: Apache-2.0
 *
 * The one loop of the screen: news and keys in, pictures out. */
#pragma once

#include "ceremony/tui/model.h"
#include "ceremony/tui/screen.h"
#include "ceremony/tui/ui.h"

/* Until the engine has finished, or `ret_aborted`: a signal, or the terminal is gone. Then nothing
 * typed is left, and the model lets nobody wait. Errors: memory, also after model_abort. */
MUST_CHECK struct error *loop_run(struct ui *ui, struct screen *screen, bool *ret_aborted);
