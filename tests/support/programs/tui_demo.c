/* SPDX-License-Identifier: Apache-2.0
 *
 * A little engine that asks one prompt of every kind over the real screen, for tests/tui.
 *
 *     tui_demo RESULTS [STEP...]
 *
 * writes a line an answer into RESULTS: "ID ANSWER-KIND TEXT"; of a secret its length and FNV-1a hash.
 * The share words are not in this file in their order: they are picked by a formula. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/process.h"
#include "ceremony/base/words.h"
#include "ceremony/tui/tui.h"

static const char *const share_words[] = {
    "academic", "acid",     "acne",     "acquire",  "acrobat",  "activity", "actress",
    "adapt",    "beard",    "become",   "bedroom",  "behavior", "believe",  "benefit",
    "bishop",   "blanket",  "carbon",   "cause",    "ceiling",  "change",   "checkup",
    "chubby",   "civil",    "clinic",   "deal",     "decorate", "density",  "deploy",
    "detect",   "diet",     "diminish", "discuss",  "eclipse",  "editor",   "elegant",
    "emerald",  "emission", "enforce",  "entrance", "episode",  "failure",  "family",
    "fangs",    "fantasy",  "fiction",  "filter",   "fishing",  "forecast", "mandate",
    "numb",     "skin",     "stay",     "unusual",  "wildlife", "wolf",     "zero",
};
#define SHARE_LIST_COUNT (sizeof share_words / sizeof share_words[0])
#define SHARE_COUNT      33

static const struct word_list share_list = {share_words, SHARE_LIST_COUNT, 4};

static FILE *results;

static uint64_t
hash(const struct secret *secret)
{
    const unsigned char *bytes = secret_borrow_const(secret);
    uint64_t value = 0xCBF29CE484222325U;
    for (size_t i = 0; i < secret_size(secret); i++)
        value = (value ^ bytes[i]) * 0x100000001B3U;
    return value;
}

static struct error *
ask(struct frontend *frontend, const struct prompt *prompt)
{
    static const char *const kinds[] = {"given", "declined", "exception",
                                        "pause", "leave",    "stop"};
    AUTO_ANSWER answer = {0};
    TRY(frontend->ops->ask(frontend, prompt, &answer));
    (void)fprintf(results, "%s %s", prompt->id, kinds[answer.kind]);
    if (answer.text != NULL)
        (void)fprintf(results, " %s", answer.text);
    if (answer.secret != NULL)
        (void)fprintf(results, " %zu %016" PRIx64, secret_size(answer.secret),
                      hash(answer.secret));
    (void)fprintf(results, "\n");
    (void)fflush(results);
    return NULL;
}

static struct error *
step_tell(struct frontend *frontend)
{
    return ask(frontend,
               &(struct prompt){
                   .id = "demo.tell",
                   .kind = PROMPT_TELL,
                   .title = "Roll call",
                   .say = "We meet to make the root key of our authority. Each of you is "
                          "called by name and says what they are here for.",
                   .body = "administrator  Grace Murray\noperator       Edsger Wybe\n"
                           "witness        Ada Byron",
                   .who = "administrator Grace Murray",
                   .expect = "all who are on the list are in the room",
               });
}

static struct error *
step_long(struct frontend *frontend)
{
    char body[2048];
    int len = 0;
    for (int i = 1; i <= 30; i++)
        len += snprintf(body + len, sizeof body - (size_t)len,
                        "  fact %2d  SHA-256 c28f11a0 7719de03 5b20c4f1\n", i);
    return ask(frontend, &(struct prompt){
                             .id = "demo.long",
                             .kind = PROMPT_TELL,
                             .title = "What this computer is",
                             .say = "These are the facts of the computer.",
                             .body = body,
                             .who = "operator Edsger Wybe",
                             .expect = "the facts are those of page 2",
                         });
}

static struct error *
step_confirm(struct frontend *frontend)
{
    return ask(frontend,
               &(struct prompt){
                   .id = "demo.confirm",
                   .kind = PROMPT_CONFIRM,
                   .title = "Confirm the fingerprint of the root",
                   .say = "This is the public key of our root. Each witness compares it "
                          "with the printout, group by group.",
                   .body = "SHA-256 of the public key\n"
                           "  1  c28f11a0  snowcap Yucatan Athens opulent\n"
                           "  2  7719de03  goggles borderline stagnate adviser\n"
                           "  3  5b20c4f1  erase butterfat slowdown vacancy\n"
                           "  4  0f3e9d2b  aimless Dakota quota chambermaid",
                   .question = "Do all groups equal the printout?",
                   .who = "witness Ada Byron",
                   .expect = "all groups equal the printout",
                   .may_decline = true,
               });
}

static struct error *
step_choose(struct frontend *frontend)
{
    static const struct prompt_choice choices[] = {
        {"again", "look at the token again"},
        {"other", "take another token"     },
        {"stop",  "note it and stop"       },
    };
    return ask(frontend, &(struct prompt){
                             .id = "demo.choose",
                             .kind = PROMPT_CHOOSE,
                             .title = "An unexpected object on the token",
                             .body = "token   root-primary, serial 4f1c9a02\n"
                                     "object  public key \"old-root\", id 01",
                             .question = "What shall be done?",
                             .who = "administrator Grace Murray",
                             .choices = choices,
                             .choice_count = 3,
                         });
}

static struct error *
step_text(struct frontend *frontend)
{
    return ask(frontend, &(struct prompt){
                             .id = "demo.text",
                             .kind = PROMPT_TEXT,
                             .title = "The bag of the first share",
                             .question = "Number of the bag",
                             .who = "operator Edsger Wybe",
                             .expect = "the number printed on the bag",
                             .warning = "A bag number has a letter, a dash and four digits.",
                         });
}

static struct error *
step_word(struct frontend *frontend)
{
    return ask(frontend, &(struct prompt){
                             .id = "demo.word",
                             .kind = PROMPT_TEXT,
                             .title = "Confirm the fingerprint of the root",
                             .body = "SHA-256 of the public key: look at the printout",
                             .question = "Word 3 of group 1",
                             .who = "witness Ada Byron",
                             .list = &words_pgp,
                             .word_count = 1,
                         });
}

static struct error *
step_command(struct frontend *frontend)
{
    return ask(frontend, &(struct prompt){
                             .id = "demo.command",
                             .kind = PROMPT_COMMAND,
                             .title = "Sign the root certificate",
                             .body = "the exact bytes, decoded\n\n"
                                     "Subject      CN=Example Root X1, C=CH\n"
                                     "Valid        2026-11-23 00:00:00Z (25 years)\n"
                                     "Key          EC P-384, SHA-256 c28f11a0 7719de03\n"
                                     "Usage        certificate signing, CRL signing\n"
                                     "Lint         61 checks, 0 errors, 0 warnings",
                             .question = "To sign, the command is typed.",
                             .who = "operator Edsger Wybe",
                             .expect = "every line is as approved on 2026-11-20",
                             .expected_text = "SIGN ROOT CERTIFICATE",
                             .may_decline = true,
                         });
}

static struct error *
step_pin(struct frontend *frontend)
{
    return ask(frontend, &(struct prompt){
                             .id = "demo.pin",
                             .kind = PROMPT_SECRET,
                             .title = "User PIN of \"root-primary\"",
                             .say = "Only the PIN holder looks at the keyboard.",
                             .who = "PIN holder Barbara Liskov",
                             .warning = "The token says: one wrong PIN was entered before.",
                             .may_decline = true,
                             .secret_max = 32,
                         });
}

static struct error *
reveal(struct frontend *frontend, const char *id, unsigned seconds)
{
    AUTO(secret) body = NULL;
    TRY(secret_new(SHARE_COUNT * 9, &body));
    char *text = (char *)secret_borrow(body);
    size_t len = 0;
    for (size_t i = 0; i < SHARE_COUNT; i++) {
        const char *word = share_words[(i * 23 + 49) % SHARE_LIST_COUNT];
        if (i > 0)
            text[len++] = ' ';
        memcpy(text + len, word, strlen(word));
        len += strlen(word);
    }
    secret_shrink(body, len);
    return ask(frontend,
               &(struct prompt){
                   .id = id,
                   .kind = PROMPT_REVEAL,
                   .title = "Share for one holder",
                   .body = "Everyone else looks away now. Write these 33 words on the "
                           "form, in order.",
                   .who = "custodian 1",
                   .secret_body = body,
                   .reveal_seconds = seconds,
                   .one_pair_of_eyes = true,
               });
}

static struct error *
step_reveal(struct frontend *frontend)
{
    return reveal(frontend, "demo.reveal", 300);
}

static struct error *
step_brief(struct frontend *frontend)
{
    return reveal(frontend, "demo.brief", 2);
}

static struct error *
step_words(struct frontend *frontend)
{
    return ask(frontend, &(struct prompt){
                             .id = "demo.words",
                             .kind = PROMPT_WORDS,
                             .title = "Share of one holder, from paper",
                             .body = "Type the 33 words of the form. Nobody else looks.",
                             .who = "custodian 1",
                             .list = &share_list,
                             .word_count = SHARE_COUNT,
                             .one_pair_of_eyes = true,
                         });
}

static struct error *
step_working(struct frontend *frontend)
{
    frontend->ops->working(frontend, "The token is making an RSA 4096 key.",
                           "usually 10 s to 3 min", false);
    (void)sleep(3);
    frontend->ops->working(frontend, NULL, NULL, false);
    return NULL;
}

static struct error *
step_fault(struct frontend *frontend)
{
    struct error *error = error_hint(
        ERROR(ERROR_ANSWER, "the share was not accepted: it belongs to another set"),
        "This share is of set 4711; this ceremony needs set 9023. Ask its holder for "
        "the form in bag B-0193, or note an exception with F2.");
    struct error *result = frontend->ops->fault(frontend, "The share was not accepted", error);
    error_free(error);
    (void)fprintf(results, "demo.fault acknowledged\n");
    (void)fflush(results);
    return result;
}

/* More than a screen of 24 lines holds. */
static struct error *
step_long_fault(struct frontend *frontend)
{
    char hint[4096] = "";
    size_t len = 0;
    for (int i = 1; i <= 40; i++)
        len += (size_t)snprintf(hint + len, sizeof hint - len,
                                "Line %d of what is to be done now, which is not short. ", i);
    struct error *error =
        error_hint(ERROR(ERROR_ANSWER, "much was not as it must be"), "%s", hint);
    struct error *result = frontend->ops->fault(frontend, "Not accepted", error);
    error_free(error);
    return result;
}

static struct error *
step_end(struct frontend *frontend)
{
    return ask(frontend, &(struct prompt){
                             .id = "demo.end",
                             .kind = PROMPT_TELL,
                             .title = "The end",
                             .body = "Nothing more is asked.",
                         });
}

static const struct {
    const char *name;
    struct error *(*run)(struct frontend *frontend);
} steps[] = {
    {"tell",       step_tell      },
    {"long",       step_long      },
    {"confirm",    step_confirm   },
    {"choose",     step_choose    },
    {"text",       step_text      },
    {"word",       step_word      },
    {"command",    step_command   },
    {"pin",        step_pin       },
    {"reveal",     step_reveal    },
    {"brief",      step_brief     },
    {"words",      step_words     },
    {"working",    step_working   },
    {"fault",      step_fault     },
    {"long-fault", step_long_fault},
    {"end",        step_end       },
};

#define STEP_COUNT (sizeof steps / sizeof steps[0])

struct demo {
    struct frontend *frontend;
    int count;
    char **names;
};

static void
tell_progress(struct frontend *frontend, size_t at)
{
    static struct progress_step act_3[] = {
        {"generate",   "generate the root key",       STEP_DONE   },
        {"demo",       "confirm the fingerprint",     STEP_NOW    },
        {"possession", "prove possession of the key", STEP_TO_COME},
    };
    static struct progress_step done[] = {
        {"a", "a", STEP_DONE               },
        {"b", "b", STEP_DONE_WITH_EXCEPTION},
    };
    static struct progress_step to_come[] = {
        {"c", "c", STEP_TO_COME},
    };
    const struct progress_act acts[] = {
        {"Opening",     done,    1},
        {"Tokens",      done,    2},
        {"The key",     act_3,   3},
        {"Backup",      to_come, 1},
        {"Shares",      to_come, 1},
        {"Restore",     to_come, 1},
        {"Certificate", to_come, 1},
        {"Closing",     to_come, 1},
    };
    struct progress progress = {
        .ceremony_title = "Root CA key ceremony 1.0.0",
        .ceremony_id = "demo",
        .rehearsal = true,
        .acts = acts,
        .act_count = 8,
        .act = 2,
        .step = 1,
        .head_words = "drumbeat Apollo spindle Wyoming",
        .records = 41 + at,
        .exceptions = 1,
    };
    frontend->ops->progress(frontend, &progress);
}

static struct error *
engine_main(void *self)
{
    struct demo *demo = self;
    size_t at = 0;
    for (int i = 0; i < demo->count; i++) {
        for (size_t j = 0; j < STEP_COUNT; j++) {
            if (strcmp(demo->names[i], steps[j].name) != 0)
                continue;
            tell_progress(demo->frontend, at++);
            TRY(steps[j].run(demo->frontend));
        }
    }
    return NULL;
}

static struct error *
run(int count, char **names)
{
    TRY(process_harden());
    AUTO(tui) tui = NULL;
    TRY(tui_new(&tui));
    struct demo demo = {tui_frontend(tui), count, names};
    return tui_run(tui, engine_main, &demo);
}

int
main(int argc, char **argv)
{
    results = argc > 1 ? fopen(argv[1], "we") : NULL;
    if (results == NULL) {
        (void)fprintf(stderr, "usage: tui_demo RESULTS STEP...\n");
        return 2;
    }
    struct error *error = run(argc - 2, argv + 2);
    int status = error_exit_status(error);
    (void)fprintf(results, "exit %d %s\n", status,
                  error != NULL ? error_code_name(error_code(error)) : "-");
    (void)fclose(results);
    if (error != NULL) {
        char *text = error_format_plain(error);
        (void)fprintf(stderr, "%s\n", text != NULL ? text : "");
        free(text);
    }
    error_free(error);
    return status;
}
