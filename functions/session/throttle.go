package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
)

// How often may be tried within a window (LOG-5). Devices that the owner has signed in from have a bucket of their own, and so
// are slowed neither by those who try the owner's account from elsewhere nor by those who try others from the same network.
const (
	window = 15 * time.Minute

	triesOfDevice  = 30
	triesOfAccount = 20   // from all devices together that the account does not know
	triesOfNetwork = 1500 // on all accounts together, by devices that their accounts do not know: a network may be a whole company

	codeWindow     = time.Hour
	codesOfAccount = 10 // the same for codes, of a known device too: a million of them, three of which are right at any time

	resetWindow     = time.Hour
	resetsOfAddress = 5
)

// throttle counts a try of the account before it is looked at, and refuses what is too much.
func (d *door) throttle(ctx context.Context, a *account) error {
	return d.count(ctx, a, "password", triesOfDevice, triesOfAccount, window)
}

// throttleCode does the same for a code of the second factor.
func (d *door) throttleCode(ctx context.Context, a *account) error {
	return d.count(ctx, a, "code", codesOfAccount, codesOfAccount, codeWindow)
}

func (d *door) count(ctx context.Context, a *account, what string, ofDevice, ofAccount int, within time.Duration) error {
	device, err := d.device(ctx, a.id)
	if err != nil {
		return err
	}
	if device != "" {
		return d.rates.Count(ctx, what+"-device/"+device, 1, ofDevice, within)
	}
	if err := d.countNetwork(ctx); err != nil {
		return err
	}
	return d.rates.Count(ctx, what+"-account/"+a.id, 1, ofAccount, within)
}

func (d *door) countNetwork(ctx context.Context) error {
	return d.rates.Count(ctx, "network/"+access.Network(httpapi.CallOf(ctx).Address), 1, triesOfNetwork, window)
}
