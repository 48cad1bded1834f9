/* What the packet pump offers; cffi reads this file as its declarations, so plain C only. */

typedef struct pump pump;
typedef int (*srtp_call)(void *session, void *packet, int *length);

typedef struct {
    uint32_t at_us;     /* when, counted from the clip's beginning */
    uint32_t timestamp; /* RTP timestamp, counted from the clip's beginning */
    uint32_t offset;    /* where the payload lies in the clip's bytes */
    uint16_t length;
    uint8_t video;
    uint8_t marker;
} clip_packet;

typedef struct {
    int fd;              /* connected, non-blocking UDP socket; stays the caller's */
    void *sending;       /* libsrtp sessions; the pump alone uses them from now on */
    void *receiving;
    int plays;           /* whether this leg sends the clip */
    int source;          /* leg whose clip arrives here; -1: do not match */
    uint32_t ssrc[2];    /* of what it sends: sound, picture */
    uint8_t sends_as[2]; /* payload types */
    uint8_t hears_as[2];
    uint8_t time_id;     /* header extension numbers; 0: not negotiated */
    uint8_t order_id;
} pump_leg;

typedef struct {
    uint64_t send_drops;       /* what the kernel did not take */
    uint64_t unmatched;        /* RTP that could not be traced to what was sent */
    uint64_t window_sent;      /* RTP sent in the measured window */
    uint64_t window_received;  /* of those, how many have arrived, each counted once */
    uint64_t window_heard;     /* RTP that arrived in the window, whatever it was */
    int64_t late_ns;           /* the worst that a packet in the window was behind its time */
} pump_totals;

#define DELAY_STEP_NS 5000
#define DELAY_STEPS 200000

pump *pump_new(int legs, const clip_packet *packets, int count, const uint8_t *bytes,
               uint32_t period_us, uintptr_t protect, uintptr_t protect_rtcp,
               uintptr_t unprotect);
void pump_free(pump *);
int pump_set(pump *, int number, const pump_leg *);
int pump_begin(pump *);
void pump_window(pump *, int64_t begin_ns, int64_t end_ns);
int pump_run(pump *, int64_t for_ns);
int pump_next_odd(pump *, int *number, uint8_t *data, int room);
int pump_send(pump *, int number, const uint8_t *data, int length);
void pump_read_totals(const pump *, pump_totals *);
int64_t pump_last_received_ns(const pump *, int number);
const uint32_t *pump_delays(const pump *);
