/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/file_stage.h"

#define LET_GO_UNIT (1U << 20)

static struct error *
map_descriptor(int descriptor, const char *path, struct file_map *ret_map)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be looked at", path);
    if (!S_ISREG(status.st_mode))
        return ERROR(ERROR_INPUT, "\"%s\" is not a regular file", path);
    *ret_map = (struct file_map){0};
    if (status.st_size == 0)
        return NULL;
    void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be read", path);
    (void)madvise(data, (size_t)status.st_size, MADV_SEQUENTIAL);
    *ret_map = (struct file_map){.data = data, .len = (size_t)status.st_size};
    return NULL;
}

struct error *
file_map_open(const char *path, struct file_map *ret_map)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be opened", path);
    struct error *error = map_descriptor(descriptor, path, ret_map);
    (void)close(descriptor);
    return error;
}

void
file_map_close(struct file_map *map)
{
    if (map->data != NULL)
        (void)munmap(map->data, map->len);
    *map = (struct file_map){0};
}

void
file_map_passed(void *self, const void *upto)
{
    struct file_map *map = self;
    const unsigned char *place = upto;
    if (place < map->data || place > map->data + map->len)
        return; /* of another object */
    size_t end = (size_t)(place - map->data) / LET_GO_UNIT * LET_GO_UNIT;
    if (end < map->let_go)
        map->let_go = 0;
    if (end == map->let_go)
        return;
    (void)madvise(map->data + map->let_go, end - map->let_go, MADV_DONTNEED);
    map->let_go = end;
}
