module github.com/tenantry/tenantry/infra/local

go 1.26.0
