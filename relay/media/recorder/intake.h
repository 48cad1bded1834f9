/* The interface of intake.c; cffi reads it too (build_intake.py). Times are seconds. */
enum { INTAKE_END, INTAKE_RECORD, INTAKE_KEYFRAME, INTAKE_CORRUPT, INTAKE_NO_MEMORY };
enum { INTAKE_PICTURE = 0x81, INTAKE_SOUND = 0x82 }; /* as a block states its track */
enum { INTAKE_KEY = 0x80 };
enum { INTAKE_CLUSTER_HEAD = 22, INTAKE_BLOCK_HEAD = 9 };

/* One source while it is lent: the next packet of it needs no thought. */
struct intake_stream {
    int lent, anchored;
    uint32_t ssrc, timestamp;
    uint16_t next;
    double at_s; /* where `timestamp` belongs, once anchored */
};

struct intake_block {
    int64_t at_ms;
    uint64_t offset;
    uint32_t length;
    uint8_t track, flags;
};

struct intake_tap {
    uint32_t number;
    struct intake_tap *next_in_bucket;
    struct intake_stream sound, picture;
    double began_s; /* the file's beginning */
    /* the picture under way */
    uint8_t *frame;
    uint32_t frame_length, frame_room, frame_parts, frame_timestamp;
    /* what waits to be written */
    uint8_t *data;
    uint64_t data_length, data_room;
    struct intake_block *blocks;
    uint32_t block_count, block_room;
    int64_t picture_ms, sound_ms;
};

struct intake_found {
    uint32_t tap, ssrc, timestamp, length;
    uint8_t kind, flags;
    uint16_t sequence;
    uint64_t arrival_ns;
    const uint8_t *payload;
};

struct intake_cluster {
    int64_t at_ms;
    uint64_t offset;
    int keyframe;
};

struct intake;

struct intake *intake_new(void);
void intake_free(struct intake *intake);
struct intake_tap *intake_open(struct intake *intake, uint32_t number);
void intake_close(struct intake *intake, struct intake_tap *tap);
int intake_walk(struct intake *intake, const uint8_t *area, uint64_t capacity, uint64_t *position,
                uint64_t published, struct intake_found *found);
int intake_add(struct intake_tap *tap, int track, int flags, double at_s, const uint8_t *data,
               uint32_t length);
int intake_set_frame(struct intake_tap *tap, const uint8_t *data, uint32_t length);
uint64_t intake_clusters(struct intake_tap *tap, uint8_t *out, struct intake_cluster *clusters,
                         int *cluster_count);
