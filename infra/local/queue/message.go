package queue

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// message is a message in a queue. The exported fields are kept on disk.
type message struct {
	ID            string
	Queue         string
	Source        string // the queue that it is a dead letter of
	Body          string
	Attributes    map[string]attribute
	System        map[string]string // AWSTraceHeader, MessageGroupId
	Sent          time.Time
	Due           time.Time // the end of its delay
	Receives      int
	FirstReceived time.Time

	visible  time.Time // when it can be received
	inFlight bool
	extra    int // deliveries to make beside the one that succeeds
	place    int // in its queue's heap
}

// attribute is a message attribute as the API has it.
type attribute struct {
	DataType    string
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

// value is the attribute's bytes.
func (a attribute) value() []byte {
	if a.StringValue != nil {
		return []byte(*a.StringValue)
	}
	return a.BinaryValue
}

// newID is a random UUID, the form that SQS gives its message ids.
func newID() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// handle names one delivery of the message.
func (m *message) handle() string {
	return base64.StdEncoding.EncodeToString([]byte(m.ID + " " + strconv.Itoa(m.Receives)))
}

// parseHandle is the opposite of handle.
func parseHandle(handle string) (id string, receives int, ok bool) {
	content, err := base64.StdEncoding.DecodeString(handle)
	id, count, found := strings.Cut(string(content), " ")
	receives, countErr := strconv.Atoi(count)
	return id, receives, err == nil && found && countErr == nil
}

// size is what counts against SQS's limit: the body and the names, types and values of the attributes.
func (m *message) size() int {
	size := len(m.Body)
	for name, a := range m.Attributes {
		size += len(name) + len(a.DataType) + len(a.value())
	}
	return size
}

func md5Hex(content []byte) string {
	sum := md5.Sum(content)
	return hex.EncodeToString(sum[:])
}

// md5OfAttributes is the digest that SDKs compare; empty where there are no attributes.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
func (m *message) md5OfAttributes() string {
	if len(m.Attributes) == 0 {
		return ""
	}
	var content []byte
	sized := func(part []byte) {
		content = append(binary.BigEndian.AppendUint32(content, uint32(len(part))), part...)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Attributes)) {
		a := m.Attributes[name]
		sized([]byte(name))
		sized([]byte(a.DataType))
		if a.StringValue != nil {
			content = append(content, 1)
		} else {
			content = append(content, 2)
		}
		sized(a.value())
	}
	return md5Hex(content)
}

// systemAttributes are what SQS itself says about a message that was received.
func (m *message) systemAttributes() map[string]string {
	all := map[string]string{
		"SenderId":                         "AIDALOCAL",
		"SentTimestamp":                    milliseconds(m.Sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.Receives),
		"ApproximateFirstReceiveTimestamp": milliseconds(m.FirstReceived),
	}
	maps.Copy(all, m.System)
	return all
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
