/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/rules/roster.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Safe defaults of R12: whoever leads, holds, watches or examines does not do the other. */
static const char *const always_apart[] = {"administrator", "custodian", "witness", "auditor"};

/* Faults counted and told; the text lives as long as the call. */
struct teller {
    void (*fault)(void *self, const char *text);
    void *self;
    size_t count;
};

#define FAULT_TEXT_MAX 400

static void tell(struct teller *teller, const char *format, ...) PRINTF_LIKE(2, 3);

static void
tell(struct teller *teller, const char *format, ...)
{
    char text[FAULT_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    teller->count++;
    if (teller->fault != NULL)
        teller->fault(teller->self, text);
}

const struct role *
roster_role(const struct roster *roster, const char *id)
{
    for (size_t i = 0; i < roster->role_count; i++)
        if (strcmp(roster->roles[i].id, id) == 0)
            return &roster->roles[i];
    return NULL;
}

struct person *
roster_person(struct roster *roster, const char *name)
{
    for (size_t i = 0; i < roster->people_count; i++)
        if (strcmp(roster->people[i].name, name) == 0)
            return &roster->people[i];
    return NULL;
}

bool
person_has_role(const struct person *person, const char *role)
{
    for (size_t i = 0; i < person->role_count; i++)
        if (strcmp(person->roles[i], role) == 0)
            return true;
    return false;
}

size_t
roster_present(const struct roster *roster, const char *role, const struct person **ret_people,
               size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < roster->people_count; i++) {
        const struct person *person = &roster->people[i];
        if (!person->present || !person_has_role(person, role))
            continue;
        if (ret_people != NULL && count < max)
            ret_people[count] = person;
        count++;
    }
    return count;
}

static size_t
count_holders(const struct roster *roster, const char *role)
{
    size_t count = 0;
    for (size_t i = 0; i < roster->people_count; i++)
        if (person_has_role(&roster->people[i], role))
            count++;
    return count;
}

static const char *
people_word(size_t count)
{
    return count == 1 ? "person" : "people";
}

static void
check_numbers(const struct roster *roster, struct teller *teller)
{
    for (size_t i = 0; i < roster->role_count; i++) {
        const struct role *role = &roster->roles[i];
        size_t count = count_holders(roster, role->id);
        if (count == 0 && role->people_min > 0)
            tell(teller, "nobody has the role '%s'; the script needs %u %s", role->id,
                 role->people_min, people_word(role->people_min));
        else if (count < role->people_min)
            tell(teller, "the role '%s' needs at least %u people, and %zu %s it", role->id,
                 role->people_min, count, count == 1 ? "has" : "have");
        else if (role->people_max != 0 && count > role->people_max)
            tell(teller, "the role '%s' is for at most %u %s, and %zu have it", role->id,
                 role->people_max, people_word(role->people_max), count);
    }
}

static bool
names_role(const struct role *role, const char *other)
{
    for (size_t i = 0; i < role->apart_count; i++)
        if (strcmp(role->apart_from[i], other) == 0)
            return true;
    return false;
}

static bool
in_defaults(const char *role)
{
    for (size_t i = 0; i < sizeof always_apart / sizeof always_apart[0]; i++)
        if (strcmp(always_apart[i], role) == 0)
            return true;
    return false;
}

/* `apart-from` counts both ways, whichever role names the other. */
static bool
are_apart(const struct roster *roster, const char *a, const char *b)
{
    const struct role *role_a = roster_role(roster, a);
    const struct role *role_b = roster_role(roster, b);
    return (in_defaults(a) && in_defaults(b)) || (role_a != NULL && names_role(role_a, b))
           || (role_b != NULL && names_role(role_b, a));
}

static void
check_person(const struct roster *roster, const struct person *person, struct teller *teller)
{
    for (size_t i = 0; i < person->role_count; i++) {
        if (roster_role(roster, person->roles[i]) == NULL)
            tell(teller, "%s has the role '%s', which the script does not know", person->name,
                 person->roles[i]);
        for (size_t j = i + 1; j < person->role_count; j++) {
            if (strcmp(person->roles[i], person->roles[j]) == 0)
                tell(teller, "%s has the role '%s' twice", person->name, person->roles[i]);
            else if (!roster->one_player
                     && are_apart(roster, person->roles[i], person->roles[j]))
                tell(teller, "%s is both '%s' and '%s', which must be different people",
                     person->name, person->roles[i], person->roles[j]);
        }
    }
}

/* One name, however it was typed: letters of either case, and any space between words. */
static bool
same_name(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        size_t spaces_a = strspn(a, " ");
        size_t spaces_b = strspn(b, " ");
        if ((spaces_a > 0) != (spaces_b > 0) || strncasecmp(a + spaces_a, b + spaces_b, 1) != 0)
            return false;
        a += spaces_a + (a[spaces_a] != '\0' ? 1 : 0);
        b += spaces_b + (b[spaces_b] != '\0' ? 1 : 0);
    }
    return a[strspn(a, " ")] == '\0' && b[strspn(b, " ")] == '\0';
}

static void
check_names(const struct roster *roster, struct teller *teller)
{
    for (size_t i = 0; i < roster->people_count; i++)
        for (size_t j = i + 1; j < roster->people_count; j++)
            if (same_name(roster->people[i].name, roster->people[j].name))
                tell(teller, "%s stands in the roster twice", roster->people[i].name);
}

size_t
roster_check(const struct roster *roster, void (*fault)(void *self, const char *text),
             void *self)
{
    struct teller teller = {fault, self, 0};
    check_names(roster, &teller);
    for (size_t i = 0; i < roster->people_count; i++)
        check_person(roster, &roster->people[i], &teller);
    check_numbers(roster, &teller);
    return teller.count;
}

#define QUORUM_HINT "Wait until enough people with this role are back, or stop the ceremony."

struct error *
roster_quorum(const struct roster *roster)
{
    for (size_t i = 0; i < roster->role_count; i++) {
        const struct role *role = &roster->roles[i];
        size_t present = roster_present(roster, role->id, NULL, 0);
        if (present >= role->people_min)
            continue;
        if (strcmp(role->id, "custodian") == 0) /* how many there are is confidential (R85) */
            return error_hint(ERROR(ERROR_REFUSED,
                                    "the role '%s' needs %u %s in the room, and fewer are here",
                                    role->id, role->people_min, people_word(role->people_min)),
                              QUORUM_HINT);
        return error_hint(ERROR(ERROR_REFUSED,
                                "the role '%s' needs %u %s in the room, and %zu %s here",
                                role->id, role->people_min, people_word(role->people_min),
                                present, present == 1 ? "is" : "are"),
                          QUORUM_HINT);
    }
    return NULL;
}
