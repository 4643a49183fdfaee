/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/check_sort.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUN_MARKS   65536 /* 2 MiB */
#define RUNS_MAX    1024
#define MERGE_MARKS 256

struct run {
    uint64_t begin; /* marks, in the file */
    uint64_t end;
    struct check_mark *head; /* MERGE_MARKS of it */
    size_t at;
    size_t have;
};

struct check_sort {
    int file; /* -1: everything fits into one run */
    char *folder;
    struct check_mark *marks;
    size_t count;
    struct run runs[RUNS_MAX];
    size_t run_count;
    uint64_t written;
};

struct error *
check_sort_new(const char *folder, struct check_sort **ret_sort)
{
    AUTO(check_sort) sort = calloc(1, sizeof *sort);
    if (sort == NULL)
        return error_memory();
    sort->file = -1;
    sort->folder = strdup(folder);
    sort->marks = malloc(RUN_MARKS * sizeof *sort->marks);
    if (sort->folder == NULL || sort->marks == NULL)
        return error_memory();
    *ret_sort = TAKE(sort);
    return NULL;
}

void
check_sort_free(struct check_sort *sort)
{
    if (sort == NULL)
        return;
    for (size_t i = 0; i < sort->run_count; i++)
        free(sort->runs[i].head);
    if (sort->file >= 0)
        close(sort->file);
    free(sort->marks);
    free(sort->folder);
    free(sort);
}

static int
compare_marks(const void *a, const void *b)
{
    const struct check_mark *left = a;
    const struct check_mark *right = b;
    int order = memcmp(left->hash, right->hash, sizeof left->hash);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* Bytes of marks at a place in the file, all of them. */
static struct error *
move_marks(struct check_sort *sort, bool out, void *marks, size_t count, uint64_t at)
{
    unsigned char *bytes = marks;
    size_t rest = count * sizeof(struct check_mark);
    off_t place = (off_t)(at * sizeof(struct check_mark));
    while (rest > 0) {
        ssize_t moved = out ? pwrite(sort->file, bytes, rest, place)
                            : pread(sort->file, bytes, rest, place);
        if (moved < 0 && errno == EINTR)
            continue;
        if (moved <= 0)
            return ERROR_ERRNO(moved < 0 ? errno : EIO,
                               "the marks of the items could not be kept in a file");
        bytes += moved;
        place += moved;
        rest -= (size_t)moved;
    }
    return NULL;
}

static struct error *
end_run(struct check_sort *sort)
{
    if (sort->file < 0)
        sort->file = open(sort->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (sort->file < 0)
        return ERROR_ERRNO(errno, "the marks of the items could not be kept in a file");
    if (sort->run_count == RUNS_MAX)
        return ERROR(ERROR_INPUT, "the batch has more items than can be compared");
    qsort(sort->marks, sort->count, sizeof *sort->marks, compare_marks);
    TRY(move_marks(sort, true, sort->marks, sort->count, sort->written));
    sort->runs[sort->run_count++] =
        (struct run){.begin = sort->written, .end = sort->written + sort->count};
    sort->written += sort->count;
    sort->count = 0;
    return NULL;
}

struct error *
check_sort_add(struct check_sort *sort, const struct check_mark *mark)
{
    if (sort->count == RUN_MARKS)
        TRY(end_run(sort));
    sort->marks[sort->count++] = *mark;
    return NULL;
}

/* The first mark of the rest of a run, or NULL at its end. */
static struct error *
peek(struct check_sort *sort, struct run *run, const struct check_mark **ret_mark)
{
    *ret_mark = NULL;
    if (run->head == NULL) {
        run->head = calloc(MERGE_MARKS, sizeof *run->head);
        if (run->head == NULL)
            return error_memory();
    }
    if (run->at == run->have) {
        uint64_t rest = run->end - run->begin;
        run->have = rest < MERGE_MARKS ? (size_t)rest : MERGE_MARKS;
        run->at = 0;
        TRY(move_marks(sort, false, run->head, run->have, run->begin));
        run->begin += run->have;
    }
    if (run->have > 0)
        *ret_mark = &run->head[run->at];
    return NULL;
}

static struct error *
merge(struct check_sort *sort, struct error *(*each)(void *user, const struct check_mark *mark),
      void *user)
{
    for (;;) {
        const struct check_mark *least = NULL;
        struct run *from = NULL;
        for (size_t i = 0; i < sort->run_count; i++) {
            const struct check_mark *mark = NULL;
            TRY(peek(sort, &sort->runs[i], &mark));
            if (mark != NULL && (least == NULL || compare_marks(mark, least) < 0)) {
                least = mark;
                from = &sort->runs[i];
            }
        }
        if (least == NULL)
            return NULL;
        TRY(each(user, least));
        from->at++;
    }
}

struct error *
check_sort_each(struct check_sort *sort,
                struct error *(*each)(void *user, const struct check_mark *mark), void *user)
{
    if (sort->run_count > 0) {
        TRY(end_run(sort));
        return merge(sort, each, user);
    }
    qsort(sort->marks, sort->count, sizeof *sort->marks, compare_marks);
    for (size_t i = 0; i < sort->count; i++)
        TRY(each(user, &sort->marks[i]));
    return NULL;
}
