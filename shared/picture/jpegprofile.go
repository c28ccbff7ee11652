package picture

import "bytes"

const (
	profilePrefix = "ICC_PROFILE\x00" // of a segment that holds a piece of a profile
	profilePiece  = 65519             // the most bytes of a profile in one segment
)

// jpegProfile is a colour profile in numbered pieces: https://www.color.org/specification/ICC.1-2022-05.pdf, B.4.
type jpegProfile struct {
	pieces map[byte][]byte
	total  byte
	wrong  bool
}

// take keeps a piece of a profile; other segments of the kind are left behind.
func (p *jpegProfile) take(data []byte) {
	piece, found := bytes.CutPrefix(data, []byte(profilePrefix))
	if !found || len(piece) < 2 {
		return
	}
	number, total := piece[0], piece[1]
	if p.pieces == nil {
		p.pieces, p.total = map[byte][]byte{}, total
	}
	p.wrong = p.wrong || total != p.total || number == 0 || number > total || p.pieces[number] != nil
	p.pieces[number] = piece[2:]
}

// write adds the whole profile to a file, nothing where pieces are missing or it is none.
func (p *jpegProfile) write(out []byte) []byte {
	if p.wrong || len(p.pieces) == 0 || len(p.pieces) != int(p.total) {
		return out
	}
	var whole []byte
	for number := range p.total {
		whole = append(whole, p.pieces[number+1]...)
	}
	profile := cleanProfile(whole)
	total := (len(profile) + profilePiece - 1) / profilePiece
	for number := range total {
		piece := profile[number*profilePiece : min((number+1)*profilePiece, len(profile))]
		data := append([]byte(profilePrefix), byte(number+1), byte(total))
		out = appendSegment(out, markAPP2, append(data, piece...))
	}
	return out
}
