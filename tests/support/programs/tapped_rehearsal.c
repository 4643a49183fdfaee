/* SPDX-License-Identifier: Apache-2.0
 *
 * A rehearsal whose shares a test may see. Same engine and same answers file as `ceremony run
 * --headless`, but what is secret does not pass through the answers file:
 *
 *     tapped_rehearsal SCRIPT SITE EVIDENCE ANSWERS SECRETS
 *
 * SECRETS is a folder. PINs are read from SECRETS/TOKEN.user-pin and TOKEN.so-pin straight into secret
 * memory. A share that is shown is written to SECRETS/share-N, and read from there when its words are
 * asked back: by deliver-STEP.N.type-back share N, by restore-STEP.N.share the file that TAP_RESTORE
 * names at that place ("1,3").
 *
 * TAP_WRONG=ID:PLACE   the first answer to this prompt has another word at this place (from 1)
 * TAP_PAUSE=ID,ID      stops itself (SIGSTOP) when one of these prompts is asked, before the answer
 * TAP_TRUST=FILE       where the trust lines go
 * TAP_SET=NAME=VALUE\n...  parameters of the script
 * TAP_LED=IN,OUT       descriptors. At every prompt, and once more at the end, "KIND ID" is written to OUT, and a line is
 *                      read from IN before anything is answered:
 *                          (empty)   the answer is what it would be otherwise
 *                          NAME      SECRETS/NAME is the PIN or the share
 *                          +NAME     a copy of SECRETS/NAME is put into ordinary memory, and a line read again
 *                          -         those copies are wiped, and a line read again
 *                      What is shown is in SECRETS/ID by then.
 *
 * Built as a test program only; nothing of this is in `ceremony`. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "ceremony/base/file.h"
#include "ceremony/base/process.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/engine.h"
#include "ceremony/headless/headless.h"
#include "ceremony/script/faults.h"

#define PLANTS    64U
#define LINE_SIZE 256U

struct plant {
    char *copy; /* in ordinary memory, as it must not be */
    size_t size;
};

struct tap {
    struct frontend frontend; /* first, so that a frontend is a tap */
    struct frontend *inner;
    const char *secrets;
    bool wrong_given;
    FILE *told; /* led: where lines come from; or NULL */
    FILE *asks; /* led: where prompts are told */
    char line[LINE_SIZE];
    struct plant plants[PLANTS];
    size_t plant_count;
};

static struct tap *
tap_of(struct frontend *frontend)
{
    return (struct tap *)(void *)frontend;
}

/* A file straight into secret memory, octet by octet. */
static struct error *
read_octets(const struct tap *tap, const char *name, struct secret **ret_secret)
{
    AUTO_FREE char *path = NULL;
    AUTO(secret) secret = NULL;
    struct stat status;
    TRY(text_format(&path, "%s/%s", tap->secrets, name));
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &status) != 0 || status.st_size < 2)
        return ERROR(ERROR_INPUT, "there is no secret \"%s\"", name);
    struct error *error = secret_new((size_t)status.st_size, &secret);
    if (error == NULL
        && read(descriptor, secret_borrow(secret), (size_t)status.st_size) != status.st_size)
        error = ERROR_ERRNO(errno, "the secret \"%s\" could not be read", name);
    (void)close(descriptor);
    TRY(error);
    *ret_secret = TAKE(secret);
    return NULL;
}

/* A text, without its newline. */
static struct error *
read_secret(const struct tap *tap, const char *name, struct secret **ret_secret)
{
    AUTO(secret) secret = NULL;
    TRY(read_octets(tap, name, &secret));
    size_t size = secret_size(secret);
    if (secret_borrow(secret)[size - 1] == '\n')
        secret_shrink(secret, size - 1);
    *ret_secret = TAKE(secret);
    return NULL;
}

static struct error *
write_share(const struct tap *tap, const struct prompt *prompt)
{
    AUTO_FREE char *path = NULL;
    const char *number = strchr(prompt->id, '.');
    if (tap->told != NULL)
        TRY(text_format(&path, "%s/%s", tap->secrets, prompt->id));
    else
        TRY(text_format(&path, "%s/share-%lu", tap->secrets,
                        number == NULL ? 0UL : strtoul(number + 1, NULL, 10)));
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "a share could not be kept for the test");
    size_t size = secret_size(prompt->secret_body);
    bool whole =
        write(descriptor, secret_borrow_const(prompt->secret_body), size) == (ssize_t)size
        && write(descriptor, "\n", 1) == 1;
    (void)close(descriptor);
    return whole ? NULL : ERROR(ERROR_IO, "a share could not be kept for the test");
}

/* "STEP.primary.new-so-pin-again" -> "primary.so-pin" */
static struct error *
answer_pin(const struct tap *tap, const char *id, struct secret **ret_pin)
{
    AUTO_FREE char *name = NULL;
    const char *token = strchr(id, '.');
    const char *last = strrchr(id, '.');
    BUG_ON(token == NULL || token == last);
    TRY(text_format(&name, "%.*s.%s", (int)(last - token - 1), token + 1,
                    strstr(last, "so-pin") != NULL ? "so-pin" : "user-pin"));
    return read_secret(tap, name, ret_pin);
}

/* The number that stands at `place` (from 1) in "1,3". */
static unsigned long
listed(const char *list, unsigned long place)
{
    for (; place > 1 && list != NULL; place--) {
        list = strchr(list, ',');
        list = list == NULL ? NULL : list + 1;
    }
    return list == NULL ? 0 : strtoul(list, NULL, 10);
}

/* Another word of the list in place of one; as long as it was, so that nothing moves. */
static void
spoil_word(struct secret *words, const struct word_list *list, unsigned long place)
{
    char *text = (char *)secret_borrow(words);
    size_t size = secret_size(words);
    size_t at = 0;
    for (; place > 1 && at < size; at++)
        place -= text[at] == ' ' ? 1 : 0;
    size_t len = 0;
    while (at + len < size && text[at + len] != ' ')
        len++;
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->words[i]) == len && memcmp(list->words[i], text + at, len) != 0) {
            memcpy(text + at, list->words[i], len);
            return;
        }
}

static struct error *
answer_words(struct tap *tap, const struct prompt *prompt, struct secret **ret_words)
{
    AUTO_FREE char *name = NULL;
    const char *dot = strchr(prompt->id, '.');
    unsigned long n = dot == NULL ? 0 : strtoul(dot + 1, NULL, 10);
    const char *wrong = getenv("TAP_WRONG");
    if (text_ends_with(prompt->id, ".share"))
        n = listed(getenv("TAP_RESTORE") != NULL ? getenv("TAP_RESTORE") : "1,3", n);
    TRY(text_format(&name, "share-%lu", n));
    TRY(read_secret(tap, name, ret_words));
    size_t len = strlen(prompt->id);
    if (wrong != NULL && !tap->wrong_given && strncmp(wrong, prompt->id, len) == 0
        && wrong[len] == ':') {
        spoil_word(*ret_words, prompt->list, strtoul(wrong + len + 1, NULL, 10));
        tap->wrong_given = true;
    }
    return NULL;
}

/* Whether `word` stands in "a,b". */
static bool
is_listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    while (list != NULL && *list != '\0') {
        size_t here = strcspn(list, ",");
        if (here == len && strncmp(list, word, len) == 0)
            return true;
        list += here + (list[here] == ',' ? 1 : 0);
    }
    return false;
}

/* --- led from outside --- */

static struct error *
plant_secret(struct tap *tap, const char *name)
{
    AUTO(secret) secret = NULL;
    BUG_ON(tap->plant_count == PLANTS);
    TRY(read_octets(tap, name, &secret)); /* one in 256 keys ends like a line */
    size_t size = secret_size(secret);
    struct plant plant = {malloc(size), size};
    if (plant.copy == NULL)
        return error_memory();
    memcpy(plant.copy, secret_borrow_const(secret), size);
    tap->plants[tap->plant_count++] = plant;
    return NULL;
}

static void
wipe_plants(struct tap *tap)
{
    while (tap->plant_count > 0) {
        struct plant *plant = &tap->plants[--tap->plant_count];
        explicit_bzero(plant->copy, plant->size);
        free(plant->copy);
    }
}

/* Tells where we are, and waits until a line says how to go on. */
static struct error *
be_led(struct tap *tap, const char *kind, const char *id)
{
    if (tap->told == NULL)
        return NULL;
    for (;;) {
        if (fprintf(tap->asks, "%s %s\n", kind, id) < 0 || fflush(tap->asks) != 0
            || fgets(tap->line, sizeof tap->line, tap->told) == NULL)
            return ERROR(ERROR_INTERRUPTED, "nobody leads any more");
        tap->line[strcspn(tap->line, "\n")] = '\0';
        if (tap->line[0] == '+')
            TRY(plant_secret(tap, tap->line + 1));
        else if (tap->line[0] == '-')
            wipe_plants(tap);
        else
            return NULL;
    }
}

static struct error *
be_led_at(struct tap *tap, const struct prompt *prompt)
{
    static const char *const kinds[PROMPT_KINDS] = {
        [PROMPT_TELL] = "tell",   [PROMPT_CONFIRM] = "confirm", [PROMPT_CHOOSE] = "choose",
        [PROMPT_TEXT] = "text",   [PROMPT_COMMAND] = "command", [PROMPT_SECRET] = "secret",
        [PROMPT_WORDS] = "words", [PROMPT_REVEAL] = "reveal",
    };
    if (tap->told != NULL && prompt->kind == PROMPT_REVEAL)
        TRY(write_share(tap, prompt));
    return be_led(tap, kinds[prompt->kind], prompt->id);
}

static struct error *
open_led(struct tap *tap)
{
    const char *given = getenv("TAP_LED");
    char *end = NULL;
    if (given == NULL)
        return NULL;
    tap->told = fdopen((int)strtol(given, &end, 10), "r");
    tap->asks = *end == ',' ? fdopen((int)strtol(end + 1, NULL, 10), "w") : NULL;
    return tap->told != NULL && tap->asks != NULL
               ? NULL
               : ERROR(ERROR_USAGE, "TAP_LED wants two descriptors");
}

static struct error *
ask(struct frontend *self, const struct prompt *prompt, struct answer *ret_answer)
{
    struct tap *tap = tap_of(self);
    if (is_listed(getenv("TAP_PAUSE"), prompt->id))
        (void)raise(SIGSTOP);
    TRY(be_led_at(tap, prompt));
    if (prompt->warning != NULL && prompt->warning[0] != '\0')
        (void)printf("    %s: %s\n", prompt->id, prompt->warning);
    ret_answer->kind = ANSWER_GIVEN;
    if (tap->line[0] != '\0')
        return read_secret(tap, tap->line, &ret_answer->secret);
    switch (prompt->kind) {
    case PROMPT_SECRET:
        return answer_pin(tap, prompt->id, &ret_answer->secret);
    case PROMPT_WORDS:
        return answer_words(tap, prompt, &ret_answer->secret);
    case PROMPT_REVEAL:
        if (tap->told == NULL)
            TRY(write_share(tap, prompt));
        return text_copy("written", &ret_answer->text);
    case PROMPT_TELL:
    case PROMPT_CONFIRM:
    case PROMPT_CHOOSE:
    case PROMPT_TEXT:
    case PROMPT_COMMAND:
    case PROMPT_KINDS:
        break;
    }
    return tap->inner->ops->ask(tap->inner, prompt, ret_answer);
}

static void
progress(struct frontend *self, const struct progress *progress)
{
    tap_of(self)->inner->ops->progress(tap_of(self)->inner, progress);
}

static void
working(struct frontend *self, const char *what, const char *usual, bool may_stop)
{
    tap_of(self)->inner->ops->working(tap_of(self)->inner, what, usual, may_stop);
}

static bool
stop_wanted(struct frontend *self)
{
    return tap_of(self)->inner->ops->stop_wanted(tap_of(self)->inner);
}

static struct error *
fault(struct frontend *self, const char *title, const struct error *error)
{
    return tap_of(self)->inner->ops->fault(tap_of(self)->inner, title, error);
}

static void
shown(struct frontend *self, const char *prompt_id, const char *value)
{
    tap_of(self)->inner->ops->shown(tap_of(self)->inner, prompt_id, value);
}

static const struct frontend_ops ops = {ask, progress, working, stop_wanted, fault, shown};

/* The settings of TAP_SET, one a line. */
static struct error *
set_parameters(struct script *script)
{
    AUTO_FREE char *copy = NULL;
    if (getenv("TAP_SET") != NULL)
        TRY(text_copy(getenv("TAP_SET"), &copy));
    char *rest = copy;
    for (char *line = NULL; copy != NULL && (line = strsep(&rest, "\n")) != NULL;) {
        char *equals = strchr(line, '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        TRY(script_set_parameter(script, line, equals + 1));
    }
    return script_apply_parameters(script);
}

static struct error *
perform(struct tap *tap, struct engine_options *options)
{
    struct engine_outcome outcome = {0};
    struct error *error = engine_perform(options, &outcome);
    if (error == NULL && getenv("TAP_TRUST") != NULL)
        error = file_replace(getenv("TAP_TRUST"), outcome.trust_lines.data,
                             outcome.trust_lines.len);
    engine_outcome_clear(&outcome);
    if (error == NULL)
        error = be_led(tap, "end", "end");
    return error;
}

static struct error *
rehearse(char **argv)
{
    AUTO_FAULTS faults = {0};
    AUTO(script) script = NULL;
    AUTO(site) site = NULL;
    AUTO(answers) answers = NULL;
    AUTO(headless) headless = NULL;
    TRY(script_load(argv[1], &faults, &script));
    TRY(site_load(argv[2], script, &faults, &site));
    TRY(answers_load(argv[4], &faults, &answers));
    TRY(site_cross_check(site, script, &faults));
    TRY(faults_as_error(&faults));
    TRY(set_parameters(script));
    TRY(headless_new(answers, stdout, false, &headless));
    struct tap tap = {
        .frontend = {&ops}, .inner = headless_frontend(headless), .secrets = argv[5]};
    AUTO(engine_reader) reader = NULL;
    TRY(engine_reader_start(script, site, &reader));
    struct engine_options options = {
        .reader = reader,
        .task = ENGINE_RUN,
        .script = script,
        .site = site,
        .evidence = argv[3],
        .frontend = &tap.frontend,
        .program = {"test", "test", "test"}
    };
    TRY(open_led(&tap));
    return perform(&tap, &options);
}

int
main(int argc, char **argv)
{
    (void)CRYPTO_secure_malloc_init(65536, 32);
    if (argc != 6) {
        (void)fprintf(stderr, "usage: tapped_rehearsal SCRIPT SITE EVIDENCE ANSWERS SECRETS\n");
        return 2;
    }
    struct error *error = process_harden();
    if (error == NULL)
        error = rehearse(argv);
    int status = error_exit_status(error);
    if (error != NULL)
        (void)fprintf(stderr, "%s. %s\n", error_what(error), error_hint_text(error));
    error_free(error);
    return status;
}
