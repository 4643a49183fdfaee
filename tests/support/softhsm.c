/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/softhsm.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
need(bool done, const char *what)
{
    if (done)
        return;
    (void)fprintf(stderr, "could not %s\n", what);
    abort();
}

void
softhsm_make(struct softhsm *ret_softhsm)
{
    struct softhsm made = {.folder = "/tmp/ceremony-softhsm-XXXXXX"};
    need(mkdtemp(made.folder) != NULL, "make a folder for SoftHSM");
    (void)snprintf(made.tokens, sizeof made.tokens, "%s/tokens", made.folder);
    (void)snprintf(made.configuration, sizeof made.configuration, "%s/softhsm2.conf",
                   made.folder);
    need(mkdir(made.tokens, 0700) == 0, "make a folder for tokens");
    FILE *file = fopen(made.configuration, "we");
    need(file != NULL, "write SoftHSM's configuration");
    (void)fprintf(
        file,
        "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n"
        "slots.removable = false\nslots.mechanisms = ALL\nlibrary.reset_on_fork = false\n",
        made.tokens);
    need(fclose(file) == 0, "write SoftHSM's configuration");
    need(setenv("SOFTHSM2_CONF", made.configuration, 1) == 0, "set SOFTHSM2_CONF");
    *ret_softhsm = made;
}

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void
softhsm_remove(struct softhsm *softhsm)
{
    (void)nftw(softhsm->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    (void)unsetenv("SOFTHSM2_CONF");
}
