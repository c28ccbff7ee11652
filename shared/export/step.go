package export

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Writer does the jobs of kind job.Export.
type Writer struct {
	Table *table.Table
	Store *blob.Store
}

// checkpoint is how far a job is: the parts of the file that are written, and where the walk stands behind them.
type checkpoint struct {
	Upload *blob.Upload `json:"upload"`
	At     place        `json:"at"`
	Lines  int          `json:"lines"`
}

// Step does one page: it reads until a part of the file is full, and writes the part. The last page makes the file of its
// parts. A page that is done again writes the same part in place of the first attempt's.
func (w *Writer) Step(ctx context.Context, p *job.Page) error {
	var at checkpoint
	begun, err := p.Checkpoint(&at)
	if err != nil {
		return err
	}
	if !begun {
		return w.begin(ctx, p)
	}
	if at.At.Part == end {
		if err := w.Store.Complete(ctx, at.Upload); err != nil {
			return err
		}
		timer.Set(p.Tx, timer.Files, p.Organization+"/"+p.ID, p.Now.Add(removedAfter))
		p.Finish(Result{Key: at.Upload.Key, Lines: at.Lines}, 0)
		return nil
	}
	part, lines, behind, err := w.read(ctx, p, at)
	if err == nil && (len(part) > 0 || len(at.Upload.Parts) == 0) {
		err = w.Store.Append(ctx, at.Upload, part)
	}
	if err != nil {
		return err
	}
	p.Next(checkpoint{Upload: at.Upload, At: behind, Lines: at.Lines + lines}, lines)
	return nil
}

// read reads the next part of what is exported, with the number of its lines, and gives where it ends.
func (w *Writer) read(ctx context.Context, p *job.Page, at checkpoint) (part []byte, lines int, behind place, err error) {
	var asked Input
	if _, err := p.Given(&asked); err != nil {
		return nil, 0, at.At, err
	}
	if asked.What == Users {
		of := &roster{table: w.Table, root: p.Root, org: p.Organization, names: map[string]string{}}
		return of.sheet().fill(ctx, asked.Format, at.At, len(at.Upload.Parts) == 0)
	}
	if asked.What == SyncChanges {
		of := &changes{table: w.Table, run: asked.Run, names: rolesync.NewNames(w.Table, p.Root)}
		return of.sheet().fill(ctx, asked.Format, at.At, len(at.Upload.Parts) == 0)
	}
	walk := &walk{table: w.Table, root: p.Root, now: p.Now, place: at.At}
	part, lines, err = walk.fill(ctx)
	return part, lines, walk.place, err
}

func (w *Writer) begin(ctx context.Context, p *job.Page) error {
	var asked Input
	if _, err := p.Given(&asked); err != nil {
		return err
	}
	upload, err := w.Store.Begin(ctx, File(p.Organization, p.ID), blob.Headers{Type: types[asked.Format]})
	if err != nil {
		return err
	}
	p.Next(checkpoint{Upload: upload}, 0)
	return nil
}

// fill reads on until a part is full, or the walk is at its end, and gives the part with the number of its lines.
func (w *walk) fill(ctx context.Context) (part []byte, lines int, err error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for w.Part != end && text.Len() < blob.SmallestPart {
		at := w.place
		items, err := w.next(ctx)
		if err != nil {
			return nil, 0, err
		}
		for _, item := range items {
			shown := line(at, item)
			if shown == nil {
				continue
			}
			if err := encoder.Encode(shown); err != nil {
				return nil, 0, err
			}
			lines++
		}
	}
	return text.Bytes(), lines, nil
}
