/* The reference firmware as a program.
 *
 *   console           obeys lines on standard input, in a time of its own:
 *       key HEX | begin CAUSE | rx HEX | elapse MS | lifted N | open N | welded N
 *       temperature N | badge HEX | badge | panic | frame HEX
 *     and answers each with "tx HEX" for what the board sends, then "on N lamp N".
 *     Nonces are 1, 2, 3… as eight bytes, the last first.
 *   console NAME KEY  is a board on a pseudo-terminal linked as NAME, in real time; KEY is
 *     hexadecimal or "-". Prints "on N" when power changes. Ends when standard input does.
 */
#define _XOPEN_SOURCE 600
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "board.h"

static struct board board;
static uint8_t key[FRAME_MAX_KEY];
static uint8_t welded;
static int line = -1;

static void show(void *context, const uint8_t *data, size_t length)
{
    size_t i;
    (void)context;
    printf("tx ");
    for (i = 0; i < length; i++) {
        printf("%02x", data[i]);
    }
    printf("\n");
}

static void transmit(void *context, const uint8_t *data, size_t length)
{
    (void)context;
    if (write(line, data, length) < 0 && errno != EAGAIN) {
        perror("write");
    }
}

static void count(void *context, uint8_t out[8])
{
    static uint8_t number;
    (void)context;
    memset(out, 0, 8);
    out[0] = ++number;
}

static void draw(void *context, uint8_t out[8])
{
    FILE *source = fopen("/dev/urandom", "rb");
    (void)context;
    if (!source || fread(out, 1, 8, source) != 8) {
        abort();
    }
    fclose(source);
}

static uint8_t power(void *context, uint8_t outputs)
{
    (void)context;
    return outputs | welded;
}

static struct board_port port = {show, count, power, NULL, NULL, 0, "", {1, 0, 0}};

static size_t unhex(const char *text, uint8_t *out, size_t most)
{
    unsigned byte;
    size_t length = 0;
    while (length < most && sscanf(text + 2 * length, "%2x", &byte) == 1) {
        out[length++] = (uint8_t)byte;
    }
    return length;
}

static void use_key(const char *text)
{
    port.key_length = (uint8_t)unhex(text, key, sizeof key);
    port.key = port.key_length ? key : NULL;
}

static void obey(const char *word, const char *rest)
{
    static uint8_t data[65536];
    struct frame frame;
    struct board_senses before = board.senses;
    int number = atoi(rest);
    size_t length;

    if (!strcmp(word, "key")) {
        use_key(rest);
    } else if (!strcmp(word, "begin")) {
        board_begin(&board, &port, (enum board_cause)number);
        board.senses.temperature_dc = before.temperature_dc;
        board.senses.lifted = before.lifted;
        board.senses.open = before.open;
    } else if (!strcmp(word, "rx")) {
        length = unhex(rest, data, sizeof data);
        board_receive(&board, data, length);
    } else if (!strcmp(word, "elapse")) {
        board_elapse(&board, (uint32_t)number);
    } else if (!strcmp(word, "lifted")) {
        board.senses.lifted = (uint8_t)number;
    } else if (!strcmp(word, "open")) {
        board.senses.open = (uint8_t)number;
    } else if (!strcmp(word, "welded")) {
        welded = (uint8_t)number;
    } else if (!strcmp(word, "temperature")) {
        board.senses.temperature_dc = (int16_t)number;
    } else if (!strcmp(word, "badge")) {
        length = unhex(rest, data, sizeof data);
        board_badge(&board, data, (uint8_t)length);
    } else if (!strcmp(word, "panic")) {
        board_panic(&board);
    } else if (!strcmp(word, "frame")) {
        length = unhex(rest, data, sizeof data);
        if (frame_parse(data, length, &board.keys, &frame)) {
            length = frame_encode(&frame, &board.keys, data);
            show(NULL, data, length);
        } else {
            printf("none\n");
        }
    }
    if (board.port && strcmp(word, "frame") && strcmp(word, "key")) {
        board_elapse(&board, 0);
    }
}

static int obey_lines(void)
{
    static char text[131072];
    char word[16];
    int used;
    board.senses.temperature_dc = 250;
    while (fgets(text, sizeof text, stdin)) {
        used = 0;
        if (sscanf(text, "%15s %n", word, &used) == 1) {
            obey(word, text + used);
        }
        printf("on %u lamp %u\n", board.lease.outputs, board.lamp);
        fflush(stdout);
    }
    return 0;
}

static uint32_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static int be_a_board(const char *name)
{
    struct termios settings;
    struct pollfd wait[2];
    uint8_t data[512];
    uint32_t then, now;
    uint8_t on = 0;
    ssize_t got;
    int theirs;

    line = posix_openpt(O_RDWR | O_NOCTTY);
    if (line < 0 || grantpt(line) || unlockpt(line)) {
        return 1;
    }
    theirs = open(ptsname(line), O_RDWR | O_NOCTTY); /* held, so that a host may come and go */
    if (theirs < 0 || tcgetattr(theirs, &settings)) {
        return 1;
    }
    cfmakeraw(&settings);
    tcsetattr(theirs, TCSANOW, &settings);
    fcntl(line, F_SETFL, O_NONBLOCK);
    if (symlink(ptsname(line), name)) {
        return 1;
    }
    setvbuf(stdin, NULL, _IONBF, 0); /* what is held back would not wake poll */
    port.send = transmit;
    port.nonce = draw;
    board_begin(&board, &port, CAUSE_POWER);
    wait[0].fd = line;
    wait[1].fd = 0;
    wait[0].events = wait[1].events = POLLIN;
    for (then = clock_ms();;) {
        poll(wait, 2, board.lease.outputs ? 1 : 10);
        now = clock_ms();
        board_elapse(&board, now - then);
        then = now;
        if (wait[0].revents & POLLIN && (got = read(line, data, sizeof data)) > 0) {
            board_receive(&board, data, (size_t)got);
        }
        if (wait[1].revents) {
            if (!fgets((char *)data, sizeof data, stdin)) {
                break;
            }
            if (!strncmp((char *)data, "panic", 5)) {
                board_panic(&board);
            } else if (!strncmp((char *)data, "lift", 4)) {
                board.senses.lifted = 1;
            } else if (!strncmp((char *)data, "badge", 5)) {
                board_badge(&board, (const uint8_t *)"\x04\xa1\xb2\xc3", 4);
            }
            board_elapse(&board, 0);
        }
        if (on != board.lease.outputs) {
            on = board.lease.outputs;
            printf("on %u\n", on);
            fflush(stdout);
        }
    }
    unlink(name);
    return 0;
}

int main(int count_of, char **words)
{
    memcpy(port.id, "REFERENC", sizeof port.id);
    if (count_of == 3) {
        if (strcmp(words[2], "-")) {
            use_key(words[2]);
        }
        return be_a_board(words[1]);
    }
    return obey_lines();
}
