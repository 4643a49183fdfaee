/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/paper/booklet.h"

#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/paper/forms.h"
#include "ceremony/paper/wrap.h"

static struct error *
heading(struct bytes *text, const char *title)
{
    TRY(bytes_format(text, "\n%s\n", title));
    for (size_t i = 0; i < strlen(title) && i < PAPER_COLUMNS; i++)
        TRY(bytes_append_char(text, '='));
    return bytes_append_text(text, "\n\n");
}

static struct error *
list(struct bytes *text, const char *title, const struct pki_texts *items)
{
    TRY(heading(text, title));
    for (size_t i = 0; i < items->count; i++)
        TRY(paper_wrap(text, "  - ", "    ", items->items[i]));
    return NULL;
}

static struct error *
front_page(const struct script *script, struct bytes *text)
{
    TRY(bytes_format(text, "%s\n\nVersion %s of %s\nScript SHA-256 %s\nPolicy %s\n",
                     script->title, script->version, script->date, script->sha256,
                     script->policy));
    TRY(list(text, "Objectives", &script->objectives));
    TRY(heading(text, "Roles"));
    for (size_t i = 0; i < script->role_count; i++) {
        AUTO_FREE char *role = NULL;
        TRY(text_format(&role, "%s: %s", script->roles[i].id, script->roles[i].duty));
        TRY(paper_wrap(text, "  - ", "    ", role));
    }
    TRY(list(text, "Materials", &script->materials));
    TRY(list(text, "Conditions of the room", &script->conditions));
    TRY(heading(text, "Approval"));
    TRY(paper_wrap(text, "", "", script->approval));
    TRY(heading(text, "Storage afterwards"));
    TRY(paper_wrap(text, "", "", script->storage));
    TRY(heading(text, "Deviations"));
    return paper_wrap(text, "", "", script->deviations);
}

static struct error *
step_lines(const struct script_step *step, size_t act, size_t number, struct bytes *text)
{
    TRY(bytes_format(text, "%zu.%zu  %s\n", act, number, step->title));
    if (step->say[0] != '\0')
        TRY(paper_wrap(text, "     \" ", "       ", step->say));
    if (step->performs[0] != '\0')
        TRY(bytes_format(text, "     Performs  %s\n", step->performs));
    if (step->verifies[0] != '\0')
        TRY(bytes_format(text, "     Verifies  %s\n", step->verifies));
    if (step->expect[0] != '\0')
        TRY(paper_wrap(text, "     Expected  ", "               ", step->expect));
    return bytes_append_text(text, "     Time ______________  Initials ________  "
                                   "Exception [ ] number ____\n\n");
}

static struct error *
act_pages(const struct script *script, struct bytes *text)
{
    for (size_t a = 0; a < script->act_count; a++) {
        const struct script_act *act = &script->acts[a];
        AUTO_FREE char *title = NULL;
        TRY(text_format(&title, "Act %zu: %s", a + 1, act->title));
        TRY(bytes_append_char(text, '\f'));
        TRY(heading(text, title));
        for (size_t s = 0; s < act->step_count; s++)
            TRY(step_lines(&act->steps[s], a + 1, s + 1, text));
        TRY(bytes_append_text(text,
                              "Checkpoint: record ________\n"
                              "Words  ___________ ___________ ___________ ___________\n"
                              "       ___________ ___________ ___________ ___________\n"
                              "       ___________ ___________ ___________ ___________\n"));
    }
    return NULL;
}

struct error *
booklet_text(const struct script *script, struct bytes *ret_text)
{
    TRY(front_page(script, ret_text));
    TRY(act_pages(script, ret_text));
    TRY(forms_sign_off(script, ret_text));
    for (size_t i = 0; i < script->share_count; i++)
        TRY(forms_share(script, &script->shares[i], ret_text));
    return forms_recovery_card(script, ret_text);
}
