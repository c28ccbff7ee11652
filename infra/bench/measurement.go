package main

import (
	"context"
	"fmt"
)

// measurement is one run: what it is to measure with, and what is made at the first need of it.
type measurement struct {
	root                              string
	members, clients, domains, synced int
	modelled                          int

	stack        *stack
	end          func()
	small, large *organization
}

// running is the stack.
func (m *measurement) running(ctx context.Context) (*stack, error) {
	if m.stack != nil {
		return m.stack, nil
	}
	var err error
	m.stack, m.end, err = openStack(ctx, m.root)
	return m.stack, err
}

// close ends what was begun.
func (m *measurement) close() {
	if m.end != nil {
		m.end()
	}
}

// organizations has the stack with a small and a large organization in it.
func (m *measurement) organizations(ctx context.Context) (*stack, error) {
	s, err := m.running(ctx)
	if err != nil || m.large != nil {
		return s, err
	}
	if m.small, err = newOrganization(ctx, s, few); err != nil {
		return nil, fmt.Errorf("make the organization of %d: %w", few, err)
	}
	if m.large, err = newOrganization(ctx, s, m.members); err != nil {
		return nil, fmt.Errorf("make the organization of %d: %w", m.members, err)
	}
	return s, nil
}

// costs are what operations cost in both organizations.
func (m *measurement) costs(ctx context.Context) ([]costed, error) {
	s, err := m.organizations(ctx)
	if err != nil {
		return nil, err
	}
	return costs(ctx, s, m.small, m.large)
}
