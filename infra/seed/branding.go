package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
)

// branding gives the organization colours and a logo, unless it has one.
func (w *world) branding(ctx context.Context, key, org string) error {
	path := "/v1/organizations/" + org + "/branding"
	var has struct{ Logo, Palette map[string]any }
	if _, err := w.call(ctx, bearer(key), http.MethodGet, path, nil, &has); err != nil {
		return err
	}
	if has.Palette == nil {
		palette := map[string]string{"primary": "#0B5C8A", "secondary": "#37474F", "accent": "#B3540A", "background": "#FFFFFF", "text": "#1F2933"}
		if _, err := w.call(ctx, bearer(key), http.MethodPut, path, map[string]any{"palette": palette}, nil); err != nil {
			return err
		}
	}
	if has.Logo != nil {
		return nil
	}
	logo, err := logo()
	if err != nil {
		return err
	}
	var form struct {
		URL, UploadID string
		Fields        map[string]string
	}
	asked := map[string]any{"kind": "logo", "contentType": "image/png", "size": len(logo)}
	if _, err := w.call(ctx, bearer(key), http.MethodPost, path+"/uploads", asked, &form); err != nil {
		return err
	}
	if err := post(ctx, form.URL, form.Fields, logo); err != nil {
		return fmt.Errorf("post the logo to S3: %w", err)
	}
	_, err = w.call(ctx, bearer(key), http.MethodPut, path+"/logo", map[string]string{"uploadId": form.UploadID}, nil)
	return err
}

// post posts a file to S3 as a browser does.
func post(ctx context.Context, address string, fields map[string]string, file []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := form.WriteField(name, fields[name]); err != nil {
			return err
		}
	}
	part, err := form.CreateFormFile("file", "logo.png")
	if err != nil {
		return err
	}
	_, _ = part.Write(file) // into memory
	if err := form.Close(); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		why, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
		return fmt.Errorf("%s: %s", answer.Status, why)
	}
	return nil
}

// logo draws a ring with a wedge in it, on nothing.
func logo() ([]byte, error) {
	const side, outer, inner = 256, 120 * 120, 78 * 78
	blue, orange := color.NRGBA{0x0B, 0x5C, 0x8A, 0xFF}, color.NRGBA{0xB3, 0x54, 0x0A, 0xFF}
	picture := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dx, dy := x-side/2, y-side/2
			switch from := dx*dx + dy*dy; {
			case from > outer:
			case from > inner:
				picture.SetNRGBA(x, y, blue)
			case dy > -50 && dy < 50 && 2*max(dx, -dx) < dy+50:
				picture.SetNRGBA(x, y, orange)
			}
		}
	}
	var file bytes.Buffer
	err := png.Encode(&file, picture)
	return file.Bytes(), err
}
