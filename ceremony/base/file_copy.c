/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"

#define PIECE ((size_t)1 << 20)

static struct error *
copy_pieces(int descriptor, const char *from, struct file_stage *stage)
{
    AUTO_FREE unsigned char *piece = malloc(PIECE);
    if (piece == NULL)
        return error_memory();
    for (;;) {
        ssize_t got = read(descriptor, piece, PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be read", path_name(from));
        if (got == 0)
            return NULL;
        TRY(file_stage_write(stage, piece, (size_t)got));
    }
}

struct error *
file_copy(const char *from, const char *to)
{
    AUTO(file_stage) stage = NULL;
    int descriptor = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be opened", path_name(from));
    struct error *error = file_stage_begin(to, &stage);
    if (error == NULL)
        error = copy_pieces(descriptor, from, stage);
    (void)close(descriptor);
    TRY(error);
    TRY(file_stage_flush(stage));
    return file_stage_publish(stage, true);
}
