/* The interface of loop.c; cffi reads it too (build_loop.py). Times are CLOCK_MONOTONIC ns. */
enum { LOOP_AUDIO, LOOP_VIDEO };
enum { LOOP_OPUS, LOOP_VP8, LOOP_H264 };
enum { LOOP_STUN, LOOP_DTLS, LOOP_RTCP, LOOP_GAP }; /* GAP: the lane is due at once */

enum { LOOP_MAX_SUBSCRIBERS = 8 }; /* as relay.media.forwarding.path says */

typedef int (*loop_srtp_call)(void *session, void *data, int *length);

struct loop_srtp {
    loop_srtp_call protect, unprotect, protect_rtcp, unprotect_rtcp;
};

struct loop_stream {
    int codec;
    uint8_t payload_type, rtx_payload_type; /* 255: none */
    uint32_t ssrc, rtx_ssrc;
    uint16_t first_sequence;
    uint8_t abs_send_time, transport_cc; /* header extension ids; 0: not negotiated */
};

struct loop_call;
struct loop;

struct loop_terms {
    struct loop_call *call;
    struct loop_stream streams[2];
    int64_t silent_after_ns;
    uint8_t preface[64];
    int preface_length;
};

struct loop_address {
    int endpoint, family; /* family: 4 or 6 */
    uint8_t ip[16];
    uint16_t port;
    uint32_t scope;
};

struct loop_event {
    int type, lane, endpoint, family;
    uint8_t ip[16];
    uint16_t port;
    uint32_t scope;
    int length;
    uint8_t data[1500];
};

struct loop_reception {
    uint32_t ssrc, received, expected, highest, jitter, missing;
    int64_t last_arrival_ns, last_keyframe_ns;
};

struct loop_counters {
    uint64_t datagrams, packets_in, packets_forwarded, packets_dropped, bytes_forwarded;
    uint64_t packets_resent, unsent, queue_full;
};

struct loop *loop_new(const struct loop_srtp *srtp);
void loop_free(struct loop *loop);
int loop_add_socket(struct loop *loop, int fd);
int loop_wake_fd(const struct loop *loop);
void loop_use_ring(struct loop *loop, void *ring, uint64_t capacity);
int loop_start(struct loop *loop);
void loop_stop(struct loop *loop);
struct loop_call *loop_open_call(void);
void loop_free_call(struct loop_call *call);
void loop_cut(struct loop *loop, struct loop_call *call, int64_t *cut_ns, int64_t *last_ns);
int loop_open_lane(struct loop *loop, const struct loop_terms *terms);
void loop_close_lane(struct loop *loop, int id);
void loop_admit(struct loop *loop, int id, void *rx, void *tx);
void loop_route(struct loop *loop, int id, const struct loop_address *to);
int loop_own(struct loop *loop, const struct loop_address *given, int id);
void loop_disown(struct loop *loop, const struct loop_address *given, int id);
int loop_subscribe(struct loop *loop, int id, const int *subscribers, int count);
void loop_forward(struct loop *loop, int id, int on, int64_t tap);
int loop_reception(struct loop *loop, int id, int kind, struct loop_reception *found);
uint64_t loop_sent_octets(struct loop *loop, int id, int kind);
int loop_missing(struct loop *loop, int id, int64_t now, uint16_t *wanted);
void loop_resend(struct loop *loop, int id, uint32_t ssrc, const uint16_t *sequences, int count);
int loop_send_rtcp(struct loop *loop, int id, const uint8_t *compound, int length);
void loop_pass_clock(struct loop *loop, int id, int kind, uint64_t ntp, uint32_t rtp,
                     const uint8_t *cname, int cname_length);
void loop_look_at(struct loop *loop, int id, int64_t when_ns);
int loop_due(struct loop *loop, int64_t now, int *ids, int room);
int loop_take(struct loop *loop, struct loop_event *event);
void loop_count(struct loop *loop, struct loop_counters *counters);
