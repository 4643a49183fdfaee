/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/softhsm.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* SoftHSM leaks a few bytes for each Ed25519 signature; that is not ours to find. */
#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
const char *__lsan_default_suppressions(void);
const char *__asan_default_options(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libsofthsm2.so\n";
}

/* Or the frames of SoftHSM, built without frame pointers, would not be seen. */
const char *
__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}
#    endif
#endif

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
    struct softhsm made = {.folder = P_tmpdir "/ceremony-softhsm-XXXXXX"};
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
