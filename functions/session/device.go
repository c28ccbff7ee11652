package main

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/httpapi"
)

const (
	// deviceLasts is how long a browser is known after a sign-in; browsers keep no cookie for longer.
	deviceLasts = 400 * 24 * time.Hour

	devicePurpose = "device"
)

// newDevice is the cookie by which the browser that signed in is known again: the user, the time, and our signature of both.
// Nothing is stored for it.
func (d *door) newDevice(user string, now time.Time) http.Cookie {
	since := strconv.FormatInt(now.UnixMilli(), 36)
	mac := d.Keyring.MAC(devicePurpose, []byte(user), []byte(since))
	return d.server.DeviceCookie(user+"."+since+"."+base64.RawURLEncoding.EncodeToString(mac), deviceLasts)
}

// device names the device of the request where it is one from which the user has signed in before, otherwise it is empty.
func (d *door) device(ctx context.Context, user string) (string, error) {
	parts := strings.Split(d.server.Device(httpapi.CallOf(ctx)), ".")
	if len(parts) != 3 || parts[0] != user {
		return "", nil
	}
	mac, err := base64.RawURLEncoding.DecodeString(parts[2])
	since, errSince := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || errSince != nil || d.Clock().After(time.UnixMilli(since).Add(deviceLasts)) {
		return "", nil
	}
	genuine, err := d.Keyring.VerifyMAC(ctx, devicePurpose, mac, []byte(user), []byte(parts[1]))
	if err != nil || !genuine {
		return "", err
	}
	return user + "/" + parts[1], nil
}
